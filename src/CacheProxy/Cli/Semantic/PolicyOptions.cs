using System.CommandLine;
using CacheProxy.SemanticCache;

namespace CacheProxy.Cli.Semantic;

/// <summary>A policy and a threshold to try instead of the settings'.</summary>
internal sealed class PolicyOptions
{
    private readonly Option<string?> _policy = new("--policy")
    {
        Description = "Judge by this policy instead of the settings': static, learned, shadow (what static would have served) or off.",
        HelpName = "NAME",
    };

    private readonly Option<double?> _threshold = new("--threshold")
    {
        Description = "Probability from which on the static policy serves, instead of the settings'.",
        HelpName = "P",
    };

    public static PolicyOptions AddTo(Command verb)
    {
        var options = new PolicyOptions();
        verb.Options.Add(options._policy);
        verb.Options.Add(options._threshold);
        return options;
    }

    /// <summary>Changes a copy of the settings.</summary>
    /// <exception cref="CliException">There is no such policy, or the threshold is out of range.</exception>
    public SemanticOptions Apply(ParseResult parsed, SemanticOptions settings)
    {
        SemanticOptions changed = settings.Copy();
        changed.Policy = parsed.GetValue(_policy) ?? settings.Policy;
        changed.Threshold = parsed.GetValue(_threshold) ?? settings.Threshold;
        if (changed.Threshold is < 0 or > 1)
        {
            throw new CliException("--threshold is a probability: 0 to 1.");
        }

        string[] faults = [.. new SemanticOptionsValidator().Validate(null, changed).Failures ?? []];
        return faults.Length == 0 ? changed : throw new CliException(string.Join(Environment.NewLine, faults));
    }
}
