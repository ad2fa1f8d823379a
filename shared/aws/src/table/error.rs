//! What DynamoDB answers, as errors of a port.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use ports::{ErrorKind, PortError};

/// An error for a row that cannot be read.
pub(crate) fn corrupt(why: impl std::fmt::Display) -> PortError {
    PortError::new(ErrorKind::Corrupt, "read", format!("a stored row cannot be read: {why}"))
}

/// An error for a call that must not be repeated as it is.
pub(crate) fn refused(op: &'static str, why: impl Into<String>) -> PortError {
    PortError::new(ErrorKind::Refused, op, why)
}

/// The service's word for an error, if it answered at all.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Reads an error of the SDK. Its cause keeps the service's word and no row: an answer to a condition that
/// did not hold carries the whole row.
pub(crate) fn read<E: ProvideErrorMetadata>(
    op: &'static str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    match error {
        SdkError::ConstructionFailure(_) => refused(op, "the request could not be built"),
        SdkError::TimeoutError(_) => unavailable(op, "the table did not answer in time"),
        SdkError::DispatchFailure(_) => unavailable(op, "the table could not be reached"),
        SdkError::ResponseError(_) => unavailable(op, "the answer of the table broke off"),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().unwrap_or("");
            let message = answer.err().message().unwrap_or("");
            of_code(op, code, message, status)
        }
        _ => unavailable(op, "the table gave no answer that can be read"),
    }
}

fn unavailable(op: &'static str, why: &str) -> PortError {
    PortError::new(ErrorKind::Unavailable, op, format!("{why}; it may or may not have taken effect"))
}

/// Reads the service's word, its text and its status.
fn of_code(op: &'static str, code: &str, message: &str, status: u16) -> PortError {
    let (kind, what) = match code {
        "ThrottlingException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ThrottlingError"
        | "ProvisionedThroughputExceeded"
        | "LimitExceededException" => (ErrorKind::Throttled, "the table is asked too much at once"),
        "TransactionConflictException"
        | "TransactionConflict"
        | "TransactionInProgressException"
        | "ConditionalCheckFailedException"
        | "ReplicatedWriteConflictException" => (ErrorKind::Conflict, "somebody else wrote at the same time"),
        "ItemCollectionSizeLimitExceededException" | "ItemCollectionSizeLimitExceeded" => {
            (ErrorKind::TooLarge, "the rows of one key are larger than the table takes")
        }
        "ValidationException" | "ValidationError"
            if message.contains("size") && message.contains("xceeded") =>
        {
            (ErrorKind::TooLarge, "the row is larger than the table takes")
        }
        "ResourceNotFoundException" => (ErrorKind::Refused, "the table is not there: create it first"),
        "AccessDeniedException" | "UnrecognizedClientException" | "ExpiredTokenException" => {
            (ErrorKind::Refused, "the table does not accept our credentials: check the role")
        }
        "InternalServerError" | "ServiceUnavailable" | "ServiceUnavailableException" | "InternalFailure" => {
            (ErrorKind::Unavailable, "the table has trouble; it may or may not have taken effect")
        }
        _ if status >= 500 => {
            (ErrorKind::Unavailable, "the table has trouble; it may or may not have taken effect")
        }
        _ => (ErrorKind::Refused, "the table refused the call"),
    };
    // The service's text names attributes and limits, never what a row holds.
    let text: String = message.chars().take(200).collect();
    PortError::new(kind, op, what).because(format!("{status} {code}: {text}"))
}

/// Reads the reason of one action of a cancelled transaction, if it is one.
pub(crate) fn of_reason(op: &'static str, code: &str, message: &str) -> Option<PortError> {
    (!matches!(code, "" | "None" | "ConditionalCheckFailed")).then(|| of_code(op, code, message, 400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_service_has_its_kind() {
        let table = [
            ("ThrottlingException", "", 400, ErrorKind::Throttled),
            ("ProvisionedThroughputExceededException", "", 400, ErrorKind::Throttled),
            ("RequestLimitExceeded", "", 400, ErrorKind::Throttled),
            ("TransactionConflictException", "", 400, ErrorKind::Conflict),
            ("TransactionInProgressException", "", 400, ErrorKind::Conflict),
            (
                "ValidationException",
                "Item size has exceeded the maximum allowed size",
                400,
                ErrorKind::TooLarge,
            ),
            (
                "ValidationException",
                "Item size to update has exceeded the maximum allowed size",
                400,
                ErrorKind::TooLarge,
            ),
            ("ValidationException", "One or more parameter values were invalid", 400, ErrorKind::Refused),
            ("ResourceNotFoundException", "", 400, ErrorKind::Refused),
            ("InternalServerError", "", 500, ErrorKind::Unavailable),
            ("", "", 503, ErrorKind::Unavailable),
            ("AccessDeniedException", "", 400, ErrorKind::Refused),
        ];
        for (code, message, status, kind) in table {
            assert_eq!(of_code("test", code, message, status).kind, kind, "{code} {message}");
        }
    }

    #[test]
    fn a_condition_that_did_not_hold_is_no_error_of_a_transaction() {
        assert!(of_reason("test", "None", "").is_none());
        assert!(of_reason("test", "ConditionalCheckFailed", "").is_none());
        assert_eq!(of_reason("test", "TransactionConflict", "").unwrap().kind, ErrorKind::Conflict);
        assert_eq!(of_reason("test", "ThrottlingError", "").unwrap().kind, ErrorKind::Throttled);
        assert_eq!(
            of_reason("test", "ProvisionedThroughputExceeded", "").unwrap().kind,
            ErrorKind::Throttled
        );
    }
}
