"""What the tests of several services share: private servers, and fakes that keep the real ones' promises."""
