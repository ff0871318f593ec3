"""The methods: a function each, from a Panel to an answer."""
