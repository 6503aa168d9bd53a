using Microsoft.Extensions.Options;

namespace CacheProxy.Forward;

/// <summary>The rule of <see cref="BackendOptions"/> that no attribute can say.</summary>
public sealed class BackendOptionsValidator : IValidateOptions<BackendOptions>
{
    public ValidateOptionsResult Validate(string? name, BackendOptions options) => options is { KvDiskMegabytes: > 0, KvDiskPath.Length: 0 }
        ? ValidateOptionsResult.Fail("Backend:KvDiskMegabytes needs Backend:KvDiskPath.")
        : ValidateOptionsResult.Success;
}
