//! What the services beside the table answer, as errors of a port.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use ports::{ErrorKind, PortError};

/// Reads an error of the SDK. Its cause keeps the service's word and status, never its text: that may repeat what
/// was sent.
pub(crate) fn read<E: ProvideErrorMetadata>(
    op: &'static str,
    service: &str,
    error: &SdkError<E, HttpResponse>,
) -> PortError {
    match error {
        SdkError::ConstructionFailure(_) => {
            PortError::new(ErrorKind::Refused, op, format!("the call to {service} could not be built"))
        }
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            of_code(op, service, answer.err().code().unwrap_or(""), status)
        }
        SdkError::TimeoutError(_) => unavailable(op, service, "did not answer in time"),
        SdkError::DispatchFailure(_) => unavailable(op, service, "could not be reached"),
        _ => unavailable(op, service, "gave no answer that can be read"),
    }
}

/// The service's word for an error, if it answered at all.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or("")
}

fn unavailable(op: &'static str, service: &str, what: &str) -> PortError {
    let message = format!("{service} {what}; the call may or may not have taken effect");
    PortError::new(ErrorKind::Unavailable, op, message)
}

fn of_code(op: &'static str, service: &str, code: &str, status: u16) -> PortError {
    // SQS says its words with a prefix to those who speak its older protocol.
    let word = code.rsplit('.').next().unwrap_or(code);
    let (kind, what) = match word {
        _ if status == 429 || word.contains("Throttl") || word.contains("SlowDown") => {
            (ErrorKind::Throttled, "is asked too much at once")
        }
        "OverLimit" | "LimitExceededException" | "ServiceQuotaExceededException" => {
            (ErrorKind::Throttled, "has no room left under this account's quota: ask for a larger one")
        }
        "ConflictException" | "OperationAborted" => {
            (ErrorKind::Conflict, "says that somebody else wrote at the same time")
        }
        "BatchRequestTooLong" | "EntityTooLarge" | "MaxMessageLengthExceeded" => {
            (ErrorKind::TooLarge, "does not take anything that large")
        }
        "AccessDenied"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "ExpiredTokenException"
        | "ExpiredToken"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch" => (ErrorKind::Refused, "does not accept our credentials: check the role"),
        "NoSuchBucket" | "QueueDoesNotExist" | "NonExistentQueue" | "ResourceNotFoundException" => {
            (ErrorKind::Refused, "does not have what the configuration names: deploy the template again")
        }
        _ if status >= 500 => {
            (ErrorKind::Unavailable, "has trouble; the call may or may not have taken effect")
        }
        _ => (ErrorKind::Refused, "refused the call"),
    };
    PortError::new(kind, op, format!("{service} {what}")).because(format!("{status} {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_service_has_its_kind() {
        let table = [
            ("ThrottlingException", 400, ErrorKind::Throttled),
            ("RequestThrottled", 403, ErrorKind::Throttled),
            ("SlowDown", 503, ErrorKind::Throttled),
            ("TooManyRequestsException", 429, ErrorKind::Throttled),
            ("ServiceQuotaExceededException", 402, ErrorKind::Throttled),
            ("ConflictException", 409, ErrorKind::Conflict),
            ("AWS.SimpleQueueService.NonExistentQueue", 400, ErrorKind::Refused),
            ("AWS.SimpleQueueService.BatchRequestTooLong", 400, ErrorKind::TooLarge),
            ("AccessDenied", 403, ErrorKind::Refused),
            ("InternalServiceError", 500, ErrorKind::Unavailable),
            ("", 503, ErrorKind::Unavailable),
            ("ValidationException", 400, ErrorKind::Refused),
        ];
        for (code, status, kind) in table {
            assert_eq!(of_code("test", "a service", code, status).kind, kind, "{code}");
        }
    }
}
