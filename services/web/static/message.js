// The button sends the message as it stands in the field, changed or not.
document.addEventListener("input", (event) => {
  const link = event.target.id && document.querySelector(`a[data-message="${event.target.id}"]`);
  if (link) link.href = `https://wa.me/?text=${encodeURIComponent(event.target.value)}`;
});
