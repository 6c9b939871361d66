"""The protocol of lala.cgi: variables in, typed values out."""
