"""Help: what each page of the menu is for, and the steps of a first day."""
