using CacheProxy.Stores.Qdrant;
using CacheProxy.Stores.Redis;
using Microsoft.Extensions.Options;

namespace CacheProxy.Stores;

/// <summary>An address that cannot be read stops the start; one that nobody answers does not.</summary>
internal sealed class StoreUrlValidator : IValidateOptions<RedisOptions>, IValidateOptions<QdrantOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
        => options.Url.Length == 0 || RedisUrl.TryParse(options.Url, out _, out string? error)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{RedisOptions.Section}:{nameof(options.Url)}: {error}.");

    public ValidateOptionsResult Validate(string? name, QdrantOptions options)
        => options.Url.Length == 0 || (Uri.TryCreate(options.Url, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{QdrantOptions.Section}:{nameof(options.Url)}: not an http:// or https:// address.");
}
