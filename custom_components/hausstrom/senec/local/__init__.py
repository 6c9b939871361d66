"""The SENEC.Home V2.1 and V3 on the local network: POST /lala.cgi."""
