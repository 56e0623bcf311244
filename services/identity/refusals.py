"""Every way in which identity says no.

ContactInvalid, ChannelNotSetUp (422)                  nobody can be reached there
CodeWrong, CodeExpired, CodeExhausted (422)            the code does not open the door
CodeUsed, ContactTaken, LastOfficer (409)              somebody was there before
CodeTooOften (429)                                     too many codes asked for
NameNeeded, ConsentNeeded, LastContact, ScopeMismatch (422)
"""

from __future__ import annotations

from shared.errors import Conflict, TooMany, Unprocessable


class ContactInvalid(Unprocessable):
    """Neither a phone number that can exist nor an e-mail address."""

    slug = "contact-invalid"
    message_id = "Nomor HP atau e-mail ini tidak sah. Tulis misalnya 0812 3456 7890."
    message_en = "This is no valid phone number or e-mail address. Write for instance 0812 3456 7890."


class ChannelNotSetUp(Unprocessable):
    """This installation has no messenger for such a contact."""

    slug = "channel-not-set-up"
    message_id = (
        "Kode lewat {channel_name} belum tersedia di sini. Coba cara lain, atau minta bantuan petugas Posyantek."
    )
    message_en = (
        "Codes by {channel_name} are not available here. Try another way, or ask the Posyantek operator for help."
    )


class CodeTooOften(TooMany):
    """Too many codes were asked for by this caller, or for this contact."""

    slug = "code-too-often"
    message_id = "Terlalu sering minta kode. Coba lagi dalam {retry_after_s} detik."
    message_en = "Too many codes were asked for. Try again in {retry_after_s} seconds."


class CodeWrong(Unprocessable):
    """Another code was sent. `tries_left`: how many more may be tried."""

    slug = "code-wrong"
    message_id = "Kodenya belum cocok. Periksa lagi; sisa {tries_left} kali coba."
    message_en = "The code does not match. Check it; {tries_left} tries left."


class CodeExpired(Unprocessable):
    """The code is too old, or was never sent by us: the two are told alike."""

    slug = "code-expired"
    message_id = "Kode ini sudah tidak berlaku. Minta kode baru."
    message_en = "This code is no longer valid. Ask for a new one."


class CodeExhausted(Unprocessable):
    """Too many wrong codes were tried."""

    slug = "code-exhausted"
    message_id = "Sudah terlalu banyak salah. Minta kode baru."
    message_en = "Too many wrong tries. Ask for a new code."


class CodeUsed(Conflict):
    """The code has opened the door once, and does so no more."""

    slug = "code-used"
    message_id = "Kode ini sudah dipakai. Minta kode baru bila perlu masuk lagi."
    message_en = "This code was used already. Ask for a new one to log in again."


class NameNeeded(Unprocessable):
    """The contact is new here: an account needs a name. The code stays usable."""

    slug = "name-needed"
    message_id = "Anda baru di sini. Siapa nama Anda?"
    message_en = "You are new here. What is your name?"


class ConsentNeeded(Unprocessable):
    """The contact is new here: an account needs consent to `text`, version `text_version`. The code stays usable."""

    slug = "consent-needed"
    message_id = "Kami perlu persetujuan Anda: {text}"
    message_en = "We need your consent: {text}"


class ContactTaken(Conflict):
    """Another account has this contact. Told only to whoever has proved that it is theirs."""

    slug = "contact-taken"
    message_id = "Kontak ini sudah dipakai akun lain. Masuklah dengan kontak itu, atau pakai kontak lain."
    message_en = "Another account has this contact. Log in with it, or use another one."


class LastContact(Unprocessable):
    """Without it nobody could log in to the account again."""

    slug = "last-contact"
    message_id = "Ini satu-satunya cara Anda masuk. Tambahkan yang lain dulu."
    message_en = "This is your only way to log in. Add another one first."


class ScopeMismatch(Unprocessable):
    """Such a role is not held over such a thing."""

    slug = "scope-mismatch"
    message_id = "Peran {role} tidak berlaku untuk {scope_kind}."
    message_en = "The role {role} is not held over a {scope_kind}."


class LastOfficer(Conflict):
    """Without a province officer nobody could appoint another."""

    slug = "last-officer"
    message_id = "Ini petugas provinsi terakhir. Angkat penggantinya dulu."
    message_en = "This is the last province officer. Appoint a successor first."
