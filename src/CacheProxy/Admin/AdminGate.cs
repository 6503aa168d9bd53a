using System.Net;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>
/// Decides who may operate the proxy: whoever has the key; without a key, programs of this machine. A browser on this machine that shows
/// somebody else's page is not one of them: its requests carry that page's origin, or reach us under a name that is not loopback's.
/// </summary>
public sealed class AdminGate(IOptionsMonitor<AdminOptions> options)
{
    public const string KeyHeader = "X-Admin-Key";

    private const int WhoHexDigits = 12;

    /// <summary>False: <paramref name="error"/> says why.</summary>
    /// <param name="who">For the audit: the key's fingerprint, or <c>loopback</c>.</param>
    public bool TryPass(HttpContext context, out string who, out RequestError? error)
    {
        who = "";
        error = null;
        if (IsForeignOrigin(context.Request))
        {
            error = Refused("Requests of other origins' pages are refused.");
            return false;
        }

        string key = options.CurrentValue.Key;
        if (key.Length == 0)
        {
            who = "loopback";
            error = IsLoopback(context) ? null : Refused("Without Admin:Key, administration answers on loopback only, under the name localhost, 127.0.0.1 or [::1].");
            return error is null;
        }

        byte[] expected = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        if (!CryptographicOperations.FixedTimeEquals(expected, SHA256.HashData(Encoding.UTF8.GetBytes(GivenKey(context.Request)))))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            error = new RequestError("The admin key is missing or wrong: send it as bearer token or X-Admin-Key.", null, "invalid_admin_key", StatusCodes.Status401Unauthorized);
            return false;
        }

        who = "key:" + Convert.ToHexStringLower(expected)[..WhoHexDigits];
        return true;
    }

    private static string GivenKey(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string? authorization = request.Headers.Authorization;
        return authorization?.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) == true
            ? authorization[bearer.Length..].Trim()
            : request.Headers[KeyHeader].ToString();
    }

    private static bool IsForeignOrigin(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        return !string.IsNullOrEmpty(origin)
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsLoopback(HttpContext context)
    {
        HttpRequest request = context.Request;

        // A reverse proxy beside us makes everybody look local.
        return context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
            && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded")
            && IsLoopbackName(request.Host.Host);
    }

    private static bool IsLoopbackName(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static RequestError Refused(string message) => new(message, null, "admin_refused", StatusCodes.Status403Forbidden);
}
