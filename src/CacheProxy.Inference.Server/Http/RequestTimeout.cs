using System.Globalization;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>How long the client waits for the whole answer, from <see cref="HeaderNames.RequestTimeout"/>: a header, since OpenAI's body has no field for it.</summary>
internal static class RequestTimeout
{
    private const int LongestMilliseconds = 24 * 60 * 60 * 1000;

    /// <returns>Null: the client names no time.</returns>
    /// <exception cref="RequestErrorException">The header holds no whole number of milliseconds up to a day.</exception>
    public static TimeSpan? Read(HttpRequest request)
    {
        string text = request.Headers[HeaderNames.RequestTimeout].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) || milliseconds is < 1 or > LongestMilliseconds)
        {
            throw new RequestErrorException(RequestError.InvalidValue(
                HeaderNames.RequestTimeout, $"expected a whole number of milliseconds from 1 to {LongestMilliseconds}, but got '{text}'."));
        }

        return TimeSpan.FromMilliseconds(milliseconds);
    }
}
