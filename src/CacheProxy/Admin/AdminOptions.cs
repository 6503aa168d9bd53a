using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Admin;

/// <summary>Who may operate the proxy. Section <c>Admin</c>.</summary>
public sealed class AdminOptions
{
    public const string Section = "Admin";

    /// <summary>
    /// The key that <c>/admin/*</c> and <c>/dashboard</c> ask for, as bearer token or <c>X-Admin-Key</c>. Empty (the default): they answer on
    /// loopback only.
    /// </summary>
    public string Key { get; set; } = "";

    /// <summary>
    /// What signs the calls of <c>POST /admin/webhooks/purge</c>: at least 16 characters. Empty (the default): the webhook is off.
    /// </summary>
    [RegularExpression(".{16,}|")]
    public string WebhookSecret { get; set; } = "";
}
