using Microsoft.Extensions.Options;

namespace CacheProxy.Forward.Backend;

/// <summary>The rules of <see cref="BackendOptions"/> that no attribute can say.</summary>
public sealed class BackendOptionsValidator : IValidateOptions<BackendOptions>
{
    private const int BlockTokens = 16;

    public ValidateOptionsResult Validate(string? name, BackendOptions options)
    {
        string[] faults = [.. FindFaults(options)];
        return faults.Length > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> FindFaults(BackendOptions options)
    {
        if (options is { KvDiskMegabytes: > 0, KvDiskPath.Length: 0 })
        {
            yield return "Backend:KvDiskMegabytes needs Backend:KvDiskPath.";
        }

        if (options is { ModelName.Length: > 0, Model.Length: 0 })
        {
            yield return "Backend:ModelName needs Backend:Model: the bundled models have their names.";
        }

        if (options.KvSinks % BlockTokens != 0)
        {
            yield return $"Backend:KvSinks is a multiple of {BlockTokens}, not {options.KvSinks}.";
        }
    }
}
