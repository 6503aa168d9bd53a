using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Stores.Qdrant;

/// <summary>The vector tier that several proxies share. Section <c>Qdrant</c>.</summary>
public sealed class QdrantOptions
{
    public const string Section = "Qdrant";

    /// <summary>The REST address, such as <c>http://qdrant:6333</c>. Empty (the default): the index in this process is used.</summary>
    public string Url { get; set; } = "";

    /// <summary>Sent as <c>api-key</c>. Empty (the default): not sent.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Made when absent. One with other dimensions or another distance is refused, not changed. Default <c>cacheproxy</c>.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,255}")]
    public string Collection { get; set; } = "cacheproxy";

    /// <summary>Milliseconds that a search may take; beyond it the request goes on as a miss. Default 50.</summary>
    [Range(1, 60_000)]
    public int BudgetMilliseconds { get; set; } = 50;
}
