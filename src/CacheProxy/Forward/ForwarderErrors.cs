using CacheProxy.Protocol.OpenAI;
using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>The one mapping from what can go wrong on the way to the upstream to what the client is told.</summary>
public static class ForwarderErrors
{
    /// <param name="upstream">Its name; addresses and causes are for the log.</param>
    public static RequestError ToRequestError(ForwarderError error, string upstream) => error switch
    {
        ForwarderError.Request or ForwarderError.RequestCreation => BadGateway($"The upstream '{upstream}' cannot be reached."),
        ForwarderError.RequestTimedOut
            => new RequestError($"The upstream '{upstream}' did not answer in time.", null, "upstream_timeout", StatusCodes.Status504GatewayTimeout, RequestError.ServerError),
        ForwarderError.NoAvailableDestinations => Resting(upstream),
        ForwarderError.RequestBodyClient
            => new RequestError("The request's body could not be read to its end.", null, "request_body_broken"),
        _ => BadGateway($"The upstream '{upstream}' broke off before it answered."),
    };

    /// <summary>The upstream failed so often that it is left alone for a while.</summary>
    public static RequestError Resting(string upstream)
        => new($"The upstream '{upstream}' keeps failing and is left alone for some seconds.", null, "upstream_unavailable", StatusCodes.Status503ServiceUnavailable, RequestError.ServerError);

    private static RequestError BadGateway(string message)
        => new(message, null, "upstream_unreachable", StatusCodes.Status502BadGateway, RequestError.ServerError);
}
