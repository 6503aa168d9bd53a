using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline.Configuration;

/// <summary>Reads one section into its options class and finds all that is wrong with it: unknown keys, wrong types, values out of range.</summary>
public static class SectionBinder
{
    /// <param name="faults">Gets one line per fault, each beginning with the key.</param>
    /// <param name="validators">For rules that no attribute can say.</param>
    public static T Bind<T>(IConfiguration configuration, string section, List<string> faults, IReadOnlyList<IValidateOptions<T>> validators)
        where T : class, new()
    {
        IConfigurationSection source = configuration.GetSection(section);
        var options = new T();
        int before = faults.Count;
        FindUnknownKeys(source, typeof(T), faults);
        bool isKnown = faults.Count == before;
        try
        {
            // Without it an element of a list that cannot be read would be left out without a word.
            source.Bind(options, binder => binder.ErrorOnUnknownConfiguration = isKnown);
        }
        catch (InvalidOperationException exception)
        {
            faults.Add(Explain(exception));
            return options;
        }

        Validate(options, section, faults);
        faults.AddRange(validators.SelectMany(validator => validator.Validate(null, options).Failures ?? []));
        return options;
    }

    // The reason lies inside a remark for every list around it. An enum's values are told: they are what may be written there.
    private static string Explain(InvalidOperationException exception)
    {
        while (exception.InnerException is InvalidOperationException inner)
        {
            exception = inner;
        }

        string message = exception.Message;
        Type? type = AllowedTypes.FirstOrDefault(known => message.Contains($"'{known.FullName}'", StringComparison.Ordinal));
        return type is null ? message : $"{message} It is one of: {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}.";
    }

    private static IEnumerable<Type> AllowedTypes => typeof(SectionBinder).Assembly.GetTypes().Where(type => type.IsEnum);

    private static void FindUnknownKeys(IConfigurationSection section, Type type, List<string> faults)
    {
        if (ElementType(type) is { } element)
        {
            foreach (IConfigurationSection item in section.GetChildren())
            {
                FindUnknownKeys(item, element, faults);
            }

            return;
        }

        PropertyInfo[] properties = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite || ElementType(p.PropertyType) is not null)];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                faults.Add($"{child.Path} is not a setting. {section.Path} has: {string.Join(", ", properties.Select(p => p.Name))}.");
            }
            else if (property.PropertyType != typeof(string) && property.PropertyType.IsClass)
            {
                FindUnknownKeys(child, property.PropertyType, faults);
            }
        }
    }

    private static void Validate(object options, string path, List<string> faults)
    {
        if (options is IEnumerable items)
        {
            int index = 0;
            foreach (object item in items)
            {
                Validate(item, $"{path}:{index++}", faults);
            }

            return;
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        faults.AddRange(results.Select(result => $"{path}:{string.Join(", ", result.MemberNames)}: {result.ErrorMessage}"));
        foreach (PropertyInfo list in options.GetType().GetProperties().Where(property => ElementType(property.PropertyType) is { IsClass: true } element && element != typeof(string)))
        {
            Validate(list.GetValue(options)!, $"{path}:{list.Name}", faults);
        }
    }

    private static Type? ElementType(Type type)
        => type == typeof(string) ? null : Array.Find(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ICollection<>))?.GenericTypeArguments[0];
}
