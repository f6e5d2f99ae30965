"""Interview slots that an opening offers: times, places, and the number of people at each."""
