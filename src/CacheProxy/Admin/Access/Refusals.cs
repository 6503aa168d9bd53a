using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin.Access;

/// <summary>Says no to a caller.</summary>
internal static class Refusals
{
    /// <param name="error">Of an <see cref="AdminPass"/>.</param>
    public static Task WriteAsync(HttpContext context, RequestError error)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = "Bearer";
        }

        if (error.RetryAfter is { } wait)
        {
            headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return ErrorReply.WriteAsync(context, error);
    }
}
