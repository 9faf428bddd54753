using System.Globalization;
using System.Net;

namespace Parley.Server.Host.Configuration;

/// <summary>Reads single values from text. Written out rather than left to type converters, whose caches would keep a drop-in plugin's types alive.</summary>
internal static class ScalarText
{
    /// <summary>Whether values of a type are written as one text.</summary>
    public static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || type.IsPrimitive || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan) || type == typeof(IPAddress) || type == typeof(Uri);
    }

    /// <summary>Reads a value; null if the text is none, and then <paramref name="right"/> says what would be right.</summary>
    public static object? TryRead(Type type, string text, out string right)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        text = type == typeof(string) ? text : text.Trim();
        if (type.IsEnum)
        {
            right = "one of " + string.Join(", ", Enum.GetNames(type));
            // Enum.TryParse takes numbers too, which would let any number pass for a name.
            return Enum.GetNames(type).FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse(type, name) : null;
        }

        if (type == typeof(TimeSpan))
        {
            right = "a time span such as 00:05:00 or 1.00:00:00";
            // A bare number would be days.
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : null;
        }

        if (type == typeof(IPAddress))
        {
            right = "an IP address";
            return IPAddress.TryParse(text, out var address) ? address : null;
        }

        if (type == typeof(Uri))
        {
            right = "an absolute URI";
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;
        }

        if (type == typeof(bool))
        {
            right = "true or false";
            return bool.TryParse(text, out var flag) ? flag : null;
        }

        right = type == typeof(string) ? "text"
            : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? "a number"
            : $"a whole number from {Limit(type, "MinValue")} to {Limit(type, "MaxValue")}";
        try
        {
            return Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            return null;
        }
    }

    private static string? Limit(Type type, string name) => Convert.ToString(type.GetField(name)?.GetValue(null), CultureInfo.InvariantCulture);
}
