"""What Trasos costs: measurements that end in docs/performance.md."""
