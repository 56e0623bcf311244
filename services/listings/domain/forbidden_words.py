"""The words by which `forbidden` knows goods: `{code: (name, name in English, source, phrases, exceptions, unless after)}`.

Phrases and exceptions are separated by commas, words that take the sting out by spaces. Add what operators come across; think of
what else the word may be: "amplang kuku macan" is a cracker, "bakso mercon" is hot, "kelapa gading" is a place, and shabu-shabu
is a soup.
"""

from __future__ import annotations

from typing import Final

Row = tuple[str, str, str, str, str, str]

PLATFORM: Final = "aturan platform"
PLATFORM_EN: Final = "a rule of this platform"

REFUSED: Final[dict[str, Row]] = {
    "narcotics": (
        "narkotika", "narcotics", "UU 35/2009 tentang Narkotika",
        """narkoba, narkotika, ganja, daun ganja, cannabis, marijuana, mariyuana, sabu sabu, kokain, heroin, putaw, ekstasi,
        metamfetamin, crystal meth, tembakau gorila, tembakau gorilla, tembakau sintetis, magic mushroom, jamur tahi sapi""",
        "duta anti narkoba, penyuluhan narkoba, pencegahan narkoba, sosialisasi narkoba",
        "anti stop bebas tolak bahaya lawan cegah hindari",
    ),
    "psychotropics": (
        "psikotropika", "psychotropic drugs", "UU 5/1997 tentang Psikotropika",
        "psikotropika, pil koplo, alprazolam, xanax, diazepam, valium, riklona, clonazepam, klonazepam, nitrazepam, dumolid",
        "",
        "anti stop bebas tolak bahaya lawan cegah hindari",
    ),
    "abortion": (
        "obat penggugur kandungan", "abortion drugs", "UU 17/2023 tentang Kesehatan",
        "obat aborsi, obat penggugur kandungan, obat penggugur, pil aborsi, cytotec, misoprostol",
        "",
        "bahaya",
    ),
    "firearms": (
        "senjata api, amunisi, atau bahan peledak", "firearms, ammunition or explosives", "UU Darurat 12/1951",
        """senjata api, senpi, pistol rakitan, senapan rakitan, amunisi, peluru tajam, bahan peledak, dinamit, granat tangan,
        detonator, bom ikan, bom rakitan""",
        """mainan senjata api, replika senjata api, mainan granat tangan, miniatur senjata api, kotak amunisi,
        tas amunisi, celana amunisi""",
        "mainan miniatur gambar poster",
    ),
    "wildlife": (
        "bagian satwa yang dilindungi", "parts of protected animals", "UU 5/1990 dan UU 32/2024",
        """gading gajah, cula badak, kulit harimau, taring harimau, kuku harimau, kumis harimau, sisik trenggiling,
        daging trenggiling, telur penyu, daging penyu, sisik penyu, cangkang penyu, paruh rangkong, paruh enggang,
        awetan cenderawasih, cenderawasih awetan, anak orangutan, bayi orangutan, satwa dilindungi, hewan dilindungi,
        burung dilindungi""",
        "kulit harimau sintetis, kulit harimau imitasi, kulit harimau tiruan, kerupuk kuku harimau, amplang kuku harimau",
        "motif corak imitasi sintetis tiruan replika boneka gambar lindungi selamatkan",
    ),
    "organs": (
        "organ manusia", "human organs", "UU 17/2023 tentang Kesehatan",
        "jual ginjal, ginjal manusia, organ manusia asli, jual organ, darah manusia",
        "model ginjal manusia, alat peraga ginjal manusia, torso ginjal manusia, poster ginjal manusia",
        "model peraga gambar poster puzzle replika",
    ),
    "money": (
        "uang palsu", "counterfeit money", "UU 7/2011 tentang Mata Uang",
        "uang palsu",
        "",
        "detektor deteksi pendeteksi mendeteksi cek pengecek mengecek lampu sinar anti mainan alat awas",
    ),
    "papers": (
        "dokumen palsu", "forged documents", "UU 1/2023 tentang KUHP",
        """ijazah palsu, ktp palsu, sim palsu, stnk palsu, bpkb palsu, paspor palsu, sertifikat palsu, akta palsu,
        surat dokter palsu, meterai palsu, materai palsu, rapor palsu, jual ijazah, jasa ijazah""",
        "",
        "anti awas deteksi",
    ),
    "pornography": (
        "pornografi", "pornography", "UU 44/2008 tentang Pornografi",
        "video porno, film porno, foto porno, video bokep, film bokep, vcd porno, konten pornografi",
        "",
        "anti stop bebas tolak bahaya lawan",
    ),
    "gambling": (
        "judi", "gambling", "UU 11/2008 tentang ITE dan perubahannya",
        "judi online, judol, togel, slot gacor, deposit slot, chip domino, chip higgs domino",
        "",
        "anti stop bebas tolak bahaya lawan",
    ),
    "poisons": (
        "racun berbahaya", "dangerous poisons", PLATFORM,
        "kalium sianida, potasium sianida, natrium sianida, racun sianida, racun ikan apotas, potas ikan",
        "",
        "bebas tanpa anti",
    ),
}  # fmt: skip
"""Unmistakable: never on show."""

CHECKED: Final[dict[str, Row]] = {
    "liquor": (
        "minuman beralkohol", "alcoholic drinks", "Permendag 20/2014",
        """miras, minuman keras, minuman beralkohol, bir, beer, arak, tuak, ciu, anggur merah, anggur orang tua, wine, whisky,
        whiskey, wiski, vodka, soju, rum, rhum, tequila, brandy, brendi, sake, liquor, cap tikus,
        brem bali""",
        """bir pletok, bir kocok, bir kotjok, bir jawa, bir mataram, bir tanpa alkohol, bir non alkohol, bir 0 persen, root beer,
        ginger beer, es bir pletok, arak arakan, kue rum, bolu rum, coklat rum, cokelat rum, rum raisin, rum essence,
        rhum essence, rum bakar, soju halal, soju non alkohol, wine glass, wine red, buah anggur merah, bibit anggur merah,
        pohon anggur merah, anggur merah segar, anggur merah seedless, keripik anggur merah, selai anggur merah,
        sirup anggur merah, cuka anggur merah, jus anggur merah, vodka kreker, beer batter""",
        """tanpa bebas non bukan pengganti nonalkohol esens esen essence essens perisa pasta aroma rasa gelas botol tutup
        warna merah maroon pembuka""",
    ),
    "tobacco": (
        "rokok, vape, atau tembakau", "cigarettes, vapes or tobacco", "PP 28/2024",
        """rokok, sigaret, cerutu, tembakau, tembakau linting, vape, pod vape, liquid vape, rokok elektrik, e liquid,
        iqos, shisha, snus, cigarette, cigarettes, tobacco""",
        """asbak rokok, tempat rokok, kotak rokok, dompet rokok, bungkus rokok, kemasan rokok, puntung rokok, filter rokok,
        kertas rokok, permen rokok, cokelat rokok, batik tembakau, motif tembakau,
        bau rokok, asap rokok, abu rokok""",
        "anti bebas dilarang larangan berhenti stop tanpa asbak motif batik penghilang limbah",
    ),
    "medicines": (
        "obat keras", "prescription medicines", "UU 17/2023 dan Peraturan BPOM 8/2020",
        """obat keras, obat resep, antibiotik, antibiotika, amoxicillin, amoksisilin, ciprofloxacin, siprofloksasin, tramadol,
        dexamethasone, deksametason, ketamin, trihexyphenidyl, hexymer, viagra, sildenafil, tadalafil, obat kuat,
        obat pelangsing, pil pelangsing, pelangsing instan, suntik putih, infus whitening, filler botox, ivermectin, kratom""",
        "antibiotik alami, antibiotika alami",
        "bebas tanpa non anti bukan tidak kurangi pengganti",
    ),
    "mercury": (
        "kosmetik atau bahan bermerkuri", "mercury or cosmetics with it", "Peraturan BPOM tentang bahan kosmetik",
        """merkuri, mercury, air raksa, hidrokuinon, hydroquinone, tretinoin, krim racikan, cream racikan, krim hn, cream hn,
        krim dokter racikan, pemutih racikan""",
        "planet merkuri, termometer air raksa",
        "bebas tanpa no non anti bukan tidak free planet",
    ),
    "additives": (
        "boraks atau formalin", "borax or formalin", "Permenkes 33/2012",
        "boraks, borax, bleng, formalin, formaldehida, rhodamin, rhodamine, metanil, methanyl",
        "",
        "bebas tanpa no non anti bukan tidak uji tes pengganti",
    ),
    "fireworks": (
        "petasan atau kembang api", "fireworks", PLATFORM,
        """petasan, kembang api, mercon banting, mercon rentet, mercon roket, mercon korek, mercon renteng, firecracker,
        fireworks""",
        """bakso petasan, tahu petasan, kue petasan, cimol petasan, cireng petasan, seblak petasan, ceker petasan, sambal petasan,
        motif kembang api, lilin kembang api, roti petasan""",
        "motif tanpa bukan rasa",
    ),
    "subsidised": (
        "LPG atau BBM bersubsidi", "subsidised LPG or fuel", "Perpres 104/2007 dan Perpres 191/2014",
        """gas melon, lpg 3 kg, lpg 3kg, elpiji 3 kg, elpiji 3kg, gas 3 kg, gas 3kg, gas subsidi, lpg subsidi, elpiji subsidi,
        bbm subsidi, solar subsidi, pertalite, biosolar, bio solar, bensin eceran""",
        "",
        """regulator kompor selang untuk pakai menggunakan dengan tatakan sarung cover penutup rak troli dudukan hiasan miniatur
        memakai burner""",
    ),
    "imitation_arms": (
        "senapan angin, airsoft, atau alat kejut", "air guns, airsoft or stun guns", PLATFORM,
        "senapan angin, pistol angin, airsoft, airsoft gun, air gun, airgun, stun gun, alat kejut listrik, senjata tajam",
        "",
        "mainan miniatur",
    ),
    "wild_products": (
        "hasil satwa liar yang perlu izin", "wild animal products that need a permit", "UU 5/1990 dan UU 32/2024",
        "kulit buaya, kulit ular, akar bahar, sirip hiu, kuda laut kering, karang hidup",
        "kulit buaya sintetis, kulit ular sintetis, kulit buaya imitasi, kulit ular imitasi, salak kulit ular",
        "motif corak imitasi sintetis tiruan",
    ),
    "human": (
        "organ atau bagian tubuh manusia", "human organs or parts", "UU 17/2023 tentang Kesehatan",
        "organ tubuh manusia, organ manusia, plasenta manusia",
        "",
        "model peraga gambar poster puzzle replika torso boneka kartu buku mainan flashcard",
    ),
    "used_clothes": (
        "pakaian bekas impor", "imported used clothes", PLATFORM,
        "baju bekas impor, pakaian bekas impor, bal pakaian bekas, ballpress, thrift impor, thrifting impor",
        "",
        "anti tanpa bukan",
    ),
}  # fmt: skip
"""They go on show, and an operator looks whether they may."""
