"""What each record looks like in the API. A serializer is a promise: to change or drop a field takes a version 2."""
