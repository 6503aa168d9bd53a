using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Other units or currencies. A question may leave its unit out ("how long" for "how many minutes"), so only two that both name some must agree;
/// a unit that follows a number must follow it on both sides.
/// </summary>
public sealed class UnitGuard : ISemanticGuard
{
    private static readonly FrozenDictionary<string, string> Units = WordTable.Synonyms("""
        km kilometer kilometers kilometre kilometres kms; mile miles mi; m meter meters metre metres; cm centimeter centimeters centimetre centimetres
        mm millimeter millimeters millimetre millimetres; ft foot feet; inch inches; yard yards yd; kg kilogram kilograms kilo kilos; g gram grams gramme grammes
        mg milligram milligrams; lb lbs pound pounds £ gbp; oz ounce ounces; ton tons; tonne tonnes; l liter liters litre litres; ml milliliter milliliters millilitre millilitres
        gallon gallons; pint pints; cup cups; tablespoon tablespoons tbsp; teaspoon teaspoons tsp; celsius centigrade; fahrenheit; kelvin
        ms millisecond milliseconds; seconds sec secs; minute minutes min mins; hour hours hr hrs; day days daily; week weeks weekly; month months monthly
        quarterly; year years yearly annual annually; decade decades; century centuries
        kb kilobyte kilobytes; mb megabyte megabytes; gb gigabyte gigabytes; tb terabyte terabytes; bit bits; byte bytes; mbps; gbps
        usd dollar dollars $; eur euro euros €; yen ¥ jpy; rupee rupees inr; yuan rmb cny; franc francs chf; peso pesos; cent cents
        mph; kph kmh; knot knots; watt watts w; kilowatt kilowatts kw; kwh; volt volts v; amp amps ampere amperes; joule joules; calorie calories; kcal kilocalories
        hertz hz; mhz; ghz; acre acres; hectare hectares; degree degrees °; radian radians; pixel pixels px; em rem; word words; page pages; paragraph paragraphs; sentence sentences
        """);

    public string Name => "units";

    public bool Vetoes(QuestionText cached, QuestionText asked)
    {
        HashSet<string> left = Mentioned(cached), right = Mentioned(asked);
        if (left.Count > 0 && right.Count > 0 && !left.SetEquals(right))
        {
            return true;
        }

        return !AfterNumbers(cached).ToHashSet(StringComparer.Ordinal).SetEquals(AfterNumbers(asked));
    }

    // Short unit names are also letters of the alphabet and words: they count only after a number.
    private static HashSet<string> Mentioned(QuestionText text)
        => [.. text.Tokens.Where(t => t.Kind is TokenKind.Word or TokenKind.Symbol && (t.Lower.Length > 2 || t.Kind == TokenKind.Symbol) && t.Lower != "min")
            .Select(t => Units.GetValueOrDefault(t.Lower)).OfType<string>(), .. AfterNumbers(text)];

    private static IEnumerable<string> AfterNumbers(QuestionText text)
    {
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            bool follows = i > 0 && text.Tokens[i - 1].Kind == TokenKind.Number;
            bool leads = text.Tokens[i].Kind == TokenKind.Symbol && i + 1 < text.Tokens.Count && text.Tokens[i + 1].Kind == TokenKind.Number;
            if ((follows || leads) && Units.TryGetValue(text.Tokens[i].Lower, out string? unit))
            {
                yield return unit;
            }
            else if (follows && text.Tokens[i].Kind == TokenKind.Word && text.Tokens[i].Lower.Length == 1 && text.Tokens[i].Lower is not ("a" or "i"))
            {
                // 5k, 3x, 7B: a letter glued to a number scales it.
                yield return text.Tokens[i].Lower;
            }
        }
    }
}
