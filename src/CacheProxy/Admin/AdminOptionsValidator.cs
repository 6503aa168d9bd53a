using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>What no attribute can say of <see cref="AdminOptions"/>.</summary>
public sealed class AdminOptionsValidator : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options)
        => options.ReadOnlyKey.Length > 0 && options.ReadOnlyKey == options.Key
            ? ValidateOptionsResult.Fail($"{AdminOptions.Section}:{nameof(options.ReadOnlyKey)} is the same as {nameof(options.Key)}: who is to read only would be allowed everything.")
            : ValidateOptionsResult.Success;
}
