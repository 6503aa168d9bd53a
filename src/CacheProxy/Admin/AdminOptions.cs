using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Admin;

/// <summary>Who may operate the proxy. Section <c>Admin</c>.</summary>
public sealed class AdminOptions
{
    public const string Section = "Admin";

    /// <summary>
    /// The key that <c>/admin/*</c> and <c>/dashboard</c> ask for, as bearer token, as <c>X-Admin-Key</c> or in the dashboard's form. Empty (the
    /// default): they answer on loopback only. A changed one ends every session.
    /// </summary>
    public string Key { get; set; } = "";

    /// <summary>
    /// A second key, for who may see figures but neither questions nor answers, and change nothing: the dashboard, and what <c>/admin/*</c> tells
    /// without contents. Empty (the default): there is none. Not the same as <see cref="Key"/>.
    /// </summary>
    public string ReadOnlyKey { get; set; } = "";

    /// <summary>How long one stays signed in to the dashboard, in minutes. Default: 12 hours. At most 30 days.</summary>
    [Range(1, 43_200)]
    public int SessionMinutes { get; set; } = 720;

    /// <summary>
    /// What signs the calls of <c>POST /admin/webhooks/purge</c>: at least 16 characters. Empty (the default): the webhook is off.
    /// </summary>
    [RegularExpression(".{16,}|")]
    public string WebhookSecret { get; set; } = "";
}
