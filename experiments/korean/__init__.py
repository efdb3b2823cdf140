"""Korean as it is spoken: how names sound, and the particles that they take."""
