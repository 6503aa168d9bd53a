using System.Net;
using System.Security.Cryptography;
using System.Text;
using CacheProxy.Admin.Access;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>
/// Decides who may operate the proxy: whoever has a key, or a session that was given for one; without a key, programs of this machine. A browser
/// on this machine that shows somebody else's page is not one of them: its requests carry that page's origin, or reach us under a name that is
/// not loopback's.
/// </summary>
public sealed class AdminGate(IOptionsMonitor<AdminOptions> options, SessionTickets tickets, KeyAttempts attempts)
{
    public const string KeyHeader = "X-Admin-Key";

    private const int WhoHexDigits = 12;

    /// <summary>There is a key that one can come in with.</summary>
    public bool HasKeys => options.CurrentValue is { Key.Length: > 0 } or { ReadOnlyKey.Length: > 0 };

    /// <summary>Whom this request comes from.</summary>
    public AdminPass Judge(HttpContext context)
    {
        if (IsForeignOrigin(context.Request))
        {
            return AdminPass.Refused(Forbidden("Requests of other origins' pages are refused."));
        }

        string given = GivenKey(context.Request);
        if (given.Length > 0 && HasKeys)
        {
            return Try(context, given);
        }

        if (SessionCookie.Find(context.Request) is { } ticket && tickets.Read(ticket, KeyOf, out DateTimeOffset end) is var role and not AdminRole.None)
        {
            return new AdminPass(role, WhoHas(KeyOf(role)), AdminPass.Session, end);
        }

        if (KeyOf(AdminRole.Admin).Length == 0 && IsLoopback(context))
        {
            return new AdminPass(AdminRole.Admin, AdminPass.Loopback, AdminPass.Loopback);
        }

        return AdminPass.Refused(HasKeys
            ? Unauthorized
            : Forbidden("Without Admin:Key, administration answers on loopback only, under the name localhost, 127.0.0.1 or [::1]."));
    }

    /// <summary>Whom a key belongs to; wrong ones are counted.</summary>
    public AdminPass Try(HttpContext context, string given)
    {
        IPAddress? from = context.Connection.RemoteIpAddress;
        TimeSpan rest = attempts.RestLeft(from);
        if (rest > TimeSpan.Zero)
        {
            return AdminPass.Refused(
                new RequestError("Too many wrong keys came from this address.", null, "too_many_wrong_keys", StatusCodes.Status429TooManyRequests, RequestError.RateLimit) { RetryAfter = rest });
        }

        // Both are compared, so that the time tells nothing about either.
        AdminOptions keys = options.CurrentValue;
        bool isAdmin = Matches(given, keys.Key), isReader = Matches(given, keys.ReadOnlyKey);
        if (!isAdmin && !isReader)
        {
            attempts.NoteWrong(from);
            return AdminPass.Refused(Unauthorized);
        }

        return new AdminPass(isAdmin ? AdminRole.Admin : AdminRole.Reader, WhoHas(isAdmin ? keys.Key : keys.ReadOnlyKey), AdminPass.Key);
    }

    /// <summary>False: <see cref="AdminPass.Error"/> says why.</summary>
    public bool TryPass(HttpContext context, AdminRole needed, out AdminPass pass)
    {
        pass = Judge(context);
        if (pass.Role != AdminRole.None && pass.Role < needed)
        {
            pass = AdminPass.Refused(new RequestError("The read-only key does not allow this.", null, "read_only_key", StatusCodes.Status403Forbidden));
        }

        return pass.Role >= needed;
    }

    /// <summary>The key of now that a role is given for; empty: none.</summary>
    public string KeyOf(AdminRole role) => role switch
    {
        AdminRole.Admin => options.CurrentValue.Key,
        AdminRole.Reader => options.CurrentValue.ReadOnlyKey,
        _ => "",
    };

    private static bool Matches(string given, string key)
        => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key))) && key.Length > 0;

    private static string WhoHas(string key) => "key:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..WhoHexDigits];

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
        if (!string.IsNullOrEmpty(origin))
        {
            return !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
        }

        // Browsers say it of every request, also of those that carry no origin; a link from elsewhere to a page may be followed.
        return request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"]
            && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] is ["navigate"]);
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

    private static RequestError Unauthorized { get; } = new(
        "The admin key is missing or wrong: send it as bearer token or X-Admin-Key.", null, "invalid_admin_key", StatusCodes.Status401Unauthorized);

    private static RequestError Forbidden(string message) => new(message, null, "admin_refused", StatusCodes.Status403Forbidden);
}
