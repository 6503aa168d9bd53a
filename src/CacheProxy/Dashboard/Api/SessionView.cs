namespace CacheProxy.Dashboard.Api;

/// <summary>Who is asking, and what is kept from them.</summary>
/// <param name="Role"><c>admin</c>, <c>reader</c>, or null: nobody yet, sign in.</param>
/// <param name="By"><c>loopback</c>, <c>session</c> (cookie), <c>key</c> (header), or null.</param>
/// <param name="NeedsKey"><c>Admin:Key</c> is set: the form asks for it.</param>
/// <param name="ExpiresAt">Of the session; null: it has no end of its own.</param>
/// <param name="Hides">What this role is not shown: <c>answers</c>, <c>questions</c>, <c>headers</c>.</param>
/// <param name="CanWrite">Tags, deletions, feedback, thresholds, resuming.</param>
/// <param name="Now">The proxy's clock.</param>
public sealed record SessionView(
    string? Role, string? By, bool NeedsKey, DateTimeOffset? ExpiresAt, IReadOnlyList<string> Hides, bool CanWrite, DateTimeOffset Now, string Version);
