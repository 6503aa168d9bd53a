using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Questions;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache;

/// <summary>The rules of <see cref="SemanticOptions"/> that no attribute can say.</summary>
public sealed class SemanticOptionsValidator : IValidateOptions<SemanticOptions>
{
    public ValidateOptionsResult Validate(string? name, SemanticOptions options)
    {
        var errors = new List<string>();
        if (options.Policy is not (SemanticOptions.StaticPolicy or SemanticOptions.ShadowPolicy or SemanticOptions.OffPolicy))
        {
            errors.Add(options.Policy == "learned"
                ? "Semantic:Policy 'learned' is not part of this version; use 'static', 'shadow' or 'off'."
                : $"Semantic:Policy '{options.Policy}' is unknown; use 'static', 'shadow' or 'off'.");
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
}
