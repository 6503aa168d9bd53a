using Microsoft.Extensions.Options;

namespace CacheProxy.Exchange.Policies;

/// <summary>What no attribute can say of <see cref="ExactOptions"/>.</summary>
public sealed class ExactOptionsValidator : IValidateOptions<ExactOptions>
{
    public ValidateOptionsResult Validate(string? name, ExactOptions options)
    {
        List<string> faults = [.. options.Rules.SelectMany(FaultsOf)];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(ExactRule rule, int index)
    {
        string key = $"{ExactOptions.Section}:Rules:{index}";
        if (!rule.HasCondition)
        {
            yield return $"{key} has no condition and would hide the rules behind it: set Model, Namespace, Tag, Path or Route, or change the section's own settings.";
        }

        if (rule.TtlSeconds > rule.MaxTtlSeconds)
        {
            yield return $"{key}:TtlSeconds ({rule.TtlSeconds}) is more than the rule's own MaxTtlSeconds ({rule.MaxTtlSeconds}).";
        }
    }
}
