//! The ports over AWS: DynamoDB.
