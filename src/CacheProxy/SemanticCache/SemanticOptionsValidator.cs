using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Questions;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache;

/// <summary>The rules of <see cref="SemanticOptions"/> that no attribute can say.</summary>
public sealed class SemanticOptionsValidator : IValidateOptions<SemanticOptions>
{
    public ValidateOptionsResult Validate(string? name, SemanticOptions options)
    {
        var errors = new List<string>();
        errors.AddRange(Policies("Semantic", options.Policy, options.Shadow));
        for (int i = 0; i < options.Rules.Count; i++)
        {
            SemanticRule rule = options.Rules[i];
            errors.AddRange(Policies($"Semantic:Rules:{i}", rule.Policy.Length == 0 ? SemanticOptions.StaticPolicy : rule.Policy, rule.Shadow));
            if (!rule.HasCondition)
            {
                errors.Add($"Semantic:Rules:{i} has no condition and would hide the rules behind it: set Model, Route, Tenant, Namespace or Tag, or change the section's own settings.");
            }
        }

        if (options.Context is not (SemanticOptions.ExactContext or SemanticOptions.SimilarContext))
        {
            errors.Add($"Semantic:Context '{options.Context}' is unknown; use 'exact' or 'similar'.");
        }

        errors.AddRange(options.Templates.Select((pattern, i) => (Index: i, Fault: PromptTemplates.Fault(pattern))).Where(template => template.Fault is not null)
            .Select(template => $"Semantic:Templates:{template.Index} is no template, a regular expression with the groups (?<question>…) and (?<context>…): {template.Fault}"));
        errors.AddRange(options.DisabledGuards.Where(guard => !GuardChain.Names.Contains(guard))
            .Select(guard => $"Semantic:DisabledGuards: there is no guard '{guard}'; known are {string.Join(", ", GuardChain.Names)}."));
        errors.AddRange(options.Languages.Where(language => language.Length != 2)
            .Select(language => $"Semantic:Languages: '{language}' is not a two-letter code."));
        errors.AddRange(EmbedderOptionsRules.Check(options.Embedder));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Policies(string key, string policy, string shadow)
    {
        if (policy is not (SemanticOptions.StaticPolicy or SemanticOptions.LearnedPolicy or SemanticOptions.ShadowPolicy or SemanticOptions.OffPolicy))
        {
            yield return $"{key}:Policy '{policy}' is unknown; use 'static', 'learned', 'shadow' or 'off'.";
        }

        if (shadow is not ("" or SemanticOptions.StaticPolicy or SemanticOptions.LearnedPolicy))
        {
            yield return $"{key}:Shadow '{shadow}' cannot be tried beside a policy; use 'static', 'learned' or nothing.";
        }
    }
}
