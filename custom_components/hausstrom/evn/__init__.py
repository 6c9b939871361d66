"""EVN and other Austrian smart meters: encrypted DLMS telegrams, as hex over MQTT."""
