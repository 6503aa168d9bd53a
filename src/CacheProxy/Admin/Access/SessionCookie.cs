using System.Globalization;

namespace CacheProxy.Admin.Access;

/// <summary>
/// The cookie that holds a <see cref="SessionTickets"/> ticket: for scripts invisible, for other sites' requests absent, for <c>/dashboard</c> only.
/// </summary>
internal static class SessionCookie
{
    private const string Path = "/dashboard";

    /// <summary>Null: there is none, or it was sent to where no browser sends it: it opens nothing but the dashboard.</summary>
    public static string? Find(HttpRequest request)
        => request.Headers.Cookie.Count > 0 && request.Path.StartsWithSegments(Path) ? request.Cookies[NameFor(request)] : null;

    public static void Set(HttpContext context, string ticket, DateTimeOffset end)
        => context.Response.Cookies.Append(NameFor(context.Request), ticket, OptionsFor(context.Request, end));

    public static void Clear(HttpContext context) => context.Response.Cookies.Append(NameFor(context.Request), "", OptionsFor(context.Request, DateTimeOffset.UnixEpoch));

    // Browsers keep cookies by host whatever the port: two proxies on one machine would sign each other out.
    private static string NameFor(HttpRequest request)
        => request.Host.Port is { } port ? "cacheproxy_session_" + port.ToString(CultureInfo.InvariantCulture) : "cacheproxy_session";

    private static CookieOptions OptionsFor(HttpRequest request, DateTimeOffset end) => new()
    {
        Path = Path,
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        // Behind a proxy that speaks TLS to the browser, the browser's side counts.
        Secure = request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https",
        Expires = end,
        IsEssential = true,
    };
}
