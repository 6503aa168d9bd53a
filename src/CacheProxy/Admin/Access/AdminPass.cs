using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin.Access;

/// <summary>Whom <see cref="AdminGate"/> takes a request for.</summary>
/// <param name="Who">For the audit: the key's fingerprint, or <c>loopback</c>.</param>
/// <param name="By"><c>loopback</c>, <c>session</c> or <c>key</c>; empty: nobody.</param>
/// <param name="ExpiresAt">Of a session.</param>
/// <param name="Error">Why the role is <see cref="AdminRole.None"/>.</param>
public readonly record struct AdminPass(AdminRole Role, string Who, string By, DateTimeOffset? ExpiresAt = null, RequestError? Error = null)
{
    public const string Loopback = "loopback";
    public const string Session = "session";
    public const string Key = "key";

    public static AdminPass Refused(RequestError error) => new(AdminRole.None, "", "", null, error);
}
