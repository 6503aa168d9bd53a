using Microsoft.Extensions.Options;

namespace CacheProxy.Tenancy;

/// <summary>What no attribute can say of <see cref="TenantOptions"/>. No message holds a key.</summary>
public sealed class TenantOptionsValidator : IValidateOptions<TenantOptions>
{
    public ValidateOptionsResult Validate(string? name, TenantOptions options)
    {
        var faults = new List<string>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < options.Names.Count; i++)
        {
            TenantName tenant = options.Names[i];
            string key = $"{TenantOptions.Section}:{nameof(TenantOptions.Names)}:{i}";
            if (tenant.Sources != 1)
            {
                faults.Add($"{key} needs one of {nameof(TenantName.KeyId)}, {nameof(TenantName.KeyEnvironment)} and {nameof(TenantName.KeyFile)}, and no more than one.");
                continue;
            }

            string? source = tenant.KeyId.Length > 0 ? tenant.KeyId : tenant.ReadKey();
            if (source is null)
            {
                string from = tenant.KeyEnvironment.Length > 0 ? nameof(TenantName.KeyEnvironment) : nameof(TenantName.KeyFile);
                faults.Add($"{key}:{from}: there is no key where it points.");
                continue;
            }

            if (!names.TryAdd(tenant.Name, i))
            {
                faults.Add($"{key}:{nameof(TenantName.Name)} is '{tenant.Name}', as {TenantOptions.Section}:{nameof(TenantOptions.Names)}:{names[tenant.Name]} is: each name stands for one key.");
            }

            if (!keys.TryAdd(source, i))
            {
                faults.Add($"{key} names the same key as {TenantOptions.Section}:{nameof(TenantOptions.Names)}:{keys[source]}: each key has one name.");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
