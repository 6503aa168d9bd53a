using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>The outermost step of every request: whatever went wrong, the client gets one answer in OpenAI's shape and the server lives on.</summary>
internal sealed partial class ErrorBoundary(long maxBodyBytes, ILogger<ErrorBoundary> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && ErrorOfStatus(context) is { } error)
            {
                await ErrorWriter.WriteAsync(context, error).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, context.Request.Path);
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, exception).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        RequestError error = ErrorOf(exception);
        if (error.Status == StatusCodes.Status500InternalServerError)
        {
            Log.Failed(logger, exception, context.Request.Path);
        }
        else
        {
            // A client's own deadline or a model that still loads is nothing that a person has to look at.
            Log.Refused(logger, context.Request.Path, error.Status, error.Code);
        }

        if (context.Response.HasStarted)
        {
            // A body that was begun cannot become an error; cutting the connection is what tells the client.
            context.Abort();
            return;
        }

        await ErrorWriter.WriteAsync(context, error).ConfigureAwait(false);
    }

    private RequestError ErrorOf(Exception exception) => exception switch
    {
        RequestErrorException known => known.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => RequestError.BodyTooLarge(maxBodyBytes),
        BadHttpRequestException bad => new RequestError(bad.Message, null, "bad_request", bad.StatusCode),
        _ => RequestError.Internal("The server had an error while processing your request."),
    };

    // Routing leaves bare status codes behind.
    private static RequestError? ErrorOfStatus(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => RequestError.NotFound(context.Request.Method, path),
            StatusCodes.Status405MethodNotAllowed => RequestError.MethodNotAllowed(context.Request.Method, path),
            _ => null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Debug, "The client of {Path} went away", EventName = "ClientGone")]
        public static partial void ClientGone(ILogger logger, string path);

        [LoggerMessage(1001, LogLevel.Error, "A request to {Path} failed", EventName = "RequestFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string path);

        [LoggerMessage(1002, LogLevel.Debug, "A request to {Path} was refused with {Status} {Code}", EventName = "RequestRefused")]
        public static partial void Refused(ILogger logger, string path, int status, string? code);
    }
}
