using Microsoft.Net.Http.Headers;

namespace CacheProxy.Dashboard.Files;

/// <summary>The compressions that a client takes, of those that are made.</summary>
[Flags]
internal enum AcceptedEncodings
{
    None = 0,
    Gzip = 1,
    Brotli = 2,
}

internal static class AcceptedEncodingsReader
{
    /// <summary>What <c>Accept-Encoding</c> says (RFC 9110 §12.5.3); a weight of 0 forbids.</summary>
    public static AcceptedEncodings Read(IHeaderDictionary headers)
    {
        AcceptedEncodings accepted = AcceptedEncodings.None, named = AcceptedEncodings.None, others = AcceptedEncodings.None;
        if (!StringWithQualityHeaderValue.TryParseList(headers.AcceptEncoding, out IList<StringWithQualityHeaderValue>? values))
        {
            return AcceptedEncodings.None;
        }

        foreach (StringWithQualityHeaderValue value in values)
        {
            AcceptedEncodings meant = value.Value.Value?.ToLowerInvariant() switch
            {
                "br" => AcceptedEncodings.Brotli,
                "gzip" or "x-gzip" => AcceptedEncodings.Gzip,
                _ => AcceptedEncodings.None,
            };
            bool isTaken = value.Quality is not 0;
            named |= meant;
            accepted |= isTaken ? meant : AcceptedEncodings.None;
            if (value.Value.Equals("*", StringComparison.Ordinal) && isTaken)
            {
                others = AcceptedEncodings.Brotli | AcceptedEncodings.Gzip;
            }
        }

        return accepted | (others & ~named);
    }
}
