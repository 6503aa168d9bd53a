using System.Collections.Frozen;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>
/// Another unit or currency of the same dimension: kilometres and miles, dollars and euros. A question may leave its unit out ("how long" for "how
/// many minutes"), so only two that both name one must agree.
/// </summary>
public sealed class UnitGuard : ISemanticGuard
{
    // A line is a dimension; units separated by semicolons.
    private static readonly FrozenDictionary<string, (string Unit, int Dimension)> Units = Read("""
        km kilometer kilometers kilometre kilometres kms; mile miles mi; m meter meters metre metres; cm centimeter centimeters centimetre centimetres; mm millimeter millimeters millimetre millimetres; ft foot feet; inch inches; yard yards yd; nm nanometer nanometers; micron microns micrometer micrometers; parsec parsecs; lightyear lightyears
        kg kilogram kilograms kilo kilos; g gram grams gramme grammes; mg milligram milligrams; mcg microgram micrograms; lb lbs pound pounds; oz ounce ounces; ton tons; tonne tonnes; stone stones; carat carats
        £ gbp sterling; usd dollar dollars $ bucks; eur euro euros €; yen ¥ jpy; rupee rupees inr rs ₹; yuan rmb cny; franc francs chf; peso pesos; cent cents; won krw ₩; ruble rubles rub ₽; krona sek; bitcoin btc; ethereum eth; lira try; real brl
        l liter liters litre litres; ml milliliter milliliters millilitre millilitres; cl centiliter centiliters; gallon gallons; pint pints; quart quarts; cup cups; tablespoon tablespoons tbsp; teaspoon teaspoons tsp; barrel barrels
        celsius centigrade; fahrenheit; kelvin
        ns nanosecond nanoseconds; µs microsecond microseconds; ms millisecond milliseconds; seconds sec secs s; minute minutes min mins; hour hours hr hrs hourly; day days daily; week weeks weekly; fortnight fortnightly; month months monthly; quarterly; year years yearly annual annually; decade decades; century centuries
        kb kilobyte kilobytes; mb megabyte megabytes; gb gigabyte gigabytes; tb terabyte terabytes; pb petabyte petabytes; bit bits; byte bytes
        kbps; mbps; gbps
        mph; kph kmh; knot knots
        watt watts w; kilowatt kilowatts kw; megawatt megawatts mw; kwh; volt volts v; amp amps ampere amperes; ohm ohms; joule joules; horsepower hp
        calorie calories; kcal kilocalories
        hertz hz; khz kilohertz; mhz megahertz; ghz gigahertz
        acre acres; hectare hectares
        degree degrees °; radian radians
        pixel pixels px; em; rem; pt
        word words; character characters; line lines; page pages; paragraph paragraphs; sentence sentences; stanza stanzas
        bar; psi; pascal pascals; atm
        """);

    public string Name => "units";

    public bool Vetoes(TextPair pair)
    {
        HashSet<string> left = Mentioned(pair.Left), right = Mentioned(pair.Right);
        return Replaced(left, right) || ScaledOtherwise(pair.Left, pair.Right) || ScaledOtherwise(pair.Right, pair.Left);
    }

    // One side has a unit that the other lacks, and the other one of the same dimension that this one lacks.
    private static bool Replaced(HashSet<string> left, HashSet<string> right)
    {
        foreach (string unit in left)
        {
            if (right.Contains(unit))
            {
                continue;
            }

            foreach (string other in right)
            {
                if (!left.Contains(other) && unit[unit.LastIndexOf('/')..] == other[other.LastIndexOf('/')..])
                {
                    return true;
                }
            }
        }

        return false;
    }

    // 5k, 3x, 7B: a letter glued to a number scales it; the other side has the number with another letter or none.
    private static bool ScaledOtherwise(QuestionText text, QuestionText other)
    {
        for (int i = 1; i < text.Tokens.Count; i++)
        {
            if (text.Tokens[i - 1].Kind == TokenKind.Number && IsScale(text.Tokens[i]) && Has(other, text.Tokens[i - 1].Lower, text.Tokens[i].Lower))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(QuestionText text, string number, string exceptScale)
    {
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            if (text.Tokens[i].Kind == TokenKind.Number && text.Tokens[i].Lower == number)
            {
                return i + 1 == text.Tokens.Count || text.Tokens[i + 1].Lower != exceptScale;
            }
        }

        return false;
    }

    private static bool IsScale(QuestionToken token) => token.Kind == TokenKind.Word && token.Lower is "k" or "m" or "b" or "x" or "t";

    // Short names of units are also letters and words ("m", "in", "rs"): they count only beside a number.
    private static HashSet<string> Mentioned(QuestionText text)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            QuestionToken token = text.Tokens[i];
            if (token.Kind is not (TokenKind.Word or TokenKind.Symbol) || !Units.TryGetValue(token.Lower, out (string Unit, int Dimension) unit))
            {
                continue;
            }

            bool besideNumber = IsNumber(text, i - 1) || IsNumber(text, i + 1);
            if (besideNumber || token.Kind == TokenKind.Symbol || (token.Lower.Length > 2 && token.Lower is not ("min" or "won" or "try" or "bar" or "rem" or "real" or "stone" or "line" or "lines" or "page" or "bucks")))
            {
                found.Add(unit.Unit);
            }
        }

        return found;
    }

    private static bool IsNumber(QuestionText text, int at) => at >= 0 && at < text.Tokens.Count && text.Tokens[at].Kind == TokenKind.Number;

    private static FrozenDictionary<string, (string, int)> Read(string text)
        => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany((line, dimension) => WordTable.Synonyms(line).Select(pair => (pair.Key, (pair.Value + "/" + dimension, dimension))))
            .ToFrozenDictionary(row => row.Key, row => row.Item2, StringComparer.Ordinal);
}
