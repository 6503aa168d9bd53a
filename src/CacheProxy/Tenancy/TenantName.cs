using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Tenancy;

/// <summary>
/// One element of <c>Tenants:Names</c>: what the sender of an API key is called in ledger, budgets, metrics and on the dashboard. The key
/// itself never stands in the settings: give its <see cref="KeyId"/>, or say where the key is. One of the three is set.
/// </summary>
public sealed class TenantName
{
    /// <summary>Unique among the names.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")]
    public string Name { get; set; } = "";

    /// <summary>The first 16 hex digits of the key's hash, as <c>cacheproxy tenant id</c> prints it and as it stands wherever a key has no name.</summary>
    [RegularExpression("([0-9a-f]{16})?")]
    public string KeyId { get; set; } = "";

    /// <summary>The name of an environment variable that holds the key.</summary>
    public string KeyEnvironment { get; set; } = "";

    /// <summary>A file that holds the key; read when the settings are.</summary>
    public string KeyFile { get; set; } = "";

    internal int Sources => (KeyId.Length > 0 ? 1 : 0) + (KeyEnvironment.Length > 0 ? 1 : 0) + (KeyFile.Length > 0 ? 1 : 0);

    /// <summary>The key where a source of it is named; null: there is none to be read.</summary>
    internal string? ReadKey()
    {
        if (KeyEnvironment.Length > 0)
        {
            return Environment.GetEnvironmentVariable(KeyEnvironment)?.Trim() is { Length: > 0 } key ? key : null;
        }

        try
        {
            return KeyFile.Length > 0 && File.ReadAllText(KeyFile).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
