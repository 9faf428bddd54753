using System.Diagnostics.CodeAnalysis;

namespace Parley.Media.Relay.Native;

/// <summary>The system's OpenSSL, the same copy that the framework uses.</summary>
public static class OpenSsl
{
    /// <summary>Loads it and looks whether it will do: 3.0 or later, with DTLS 1.2 and SRTP.</summary>
    /// <param name="reason">What is missing and what to install, for the operator.</param>
    public static bool TryLoad([NotNullWhen(false)] out string? reason) => throw new NotImplementedException();
}
