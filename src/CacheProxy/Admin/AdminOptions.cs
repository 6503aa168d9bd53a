namespace CacheProxy.Admin;

/// <summary>Who may operate the proxy. Section <c>Admin</c>.</summary>
public sealed class AdminOptions
{
    public const string Section = "Admin";

    /// <summary>The key that <c>/admin/*</c> and <c>/dashboard</c> ask for. Empty (the default): they answer on loopback only.</summary>
    public string Key { get; set; } = "";
}
