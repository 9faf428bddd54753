using System.Security.Cryptography;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>Names that nobody can guess.</summary>
public static class Ids
{
    /// <summary>Random hexadecimal digits, two a byte.</summary>
    public static string New(int bytes = 8) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
