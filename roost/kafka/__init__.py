"""Access to Kafka: ports, their aiokafka adapters, and received records."""
