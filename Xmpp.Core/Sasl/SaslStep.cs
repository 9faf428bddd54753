namespace Parley.Xmpp.Core.Sasl;

/// <summary>What a <see cref="SaslMechanism"/> wants next.</summary>
public abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send a challenge (RFC 6120 section 6.4.3).</summary>
    /// <param name="Data">Its bytes, not yet in Base64.</param>
    public sealed record Challenge(ReadOnlyMemory<byte> Data) : SaslStep;

    /// <summary>Look up a user's keys and give them to <see cref="SaslMechanism.Provide"/>.</summary>
    /// <param name="UserName">The prepared user name: a localpart, if it is any.</param>
    /// <param name="Hash">Which keys; null for the strongest that are kept.</param>
    public sealed record NeedKeys(string UserName, ScramHash? Hash) : SaslStep;

    /// <summary>Look up the tokens of a user's client and give them to <see cref="HtMechanism.Provide(IReadOnlyList{string})"/>.</summary>
    /// <param name="UserName">The prepared user name: a localpart, if it is any.</param>
    public sealed record NeedTokens(string UserName) : SaslStep;

    /// <summary>The client is who it says.</summary>
    /// <param name="Data">What goes with the success; empty for none.</param>
    /// <param name="UserName">The user; null for an anonymous one.</param>
    /// <param name="AuthorizationId">Whom the client wants to act as; null for itself.</param>
    /// <param name="Password">The password, where the mechanism shows it: keys that are missing can be made of it. Never kept.</param>
    public sealed record Success(ReadOnlyMemory<byte> Data, string? UserName, string? AuthorizationId, string? Password = null) : SaslStep
    {
        // A record would print the password into whatever log it comes to.
        protected override bool PrintMembers(System.Text.StringBuilder builder)
        {
            builder.Append("UserName = ").Append(UserName);
            return true;
        }
    }

    /// <summary>It is over.</summary>
    /// <param name="Condition">One of <see cref="SaslConditions"/>.</param>
    public sealed record Failure(string Condition) : SaslStep;
}

/// <summary>The conditions of RFC 6120 section 6.5 that this server says.</summary>
public static class SaslConditions
{
    /// <summary>The client gave up.</summary>
    public const string Aborted = "aborted";
    /// <summary>TLS is needed first.</summary>
    public const string EncryptionRequired = "encryption-required";
    /// <summary>Not Base64.</summary>
    public const string IncorrectEncoding = "incorrect-encoding";
    /// <summary>The user may not act as whom it asks to.</summary>
    public const string InvalidAuthzid = "invalid-authzid";
    /// <summary>Not offered.</summary>
    public const string InvalidMechanism = "invalid-mechanism";
    /// <summary>Not what the mechanism prescribes.</summary>
    public const string MalformedRequest = "malformed-request";
    /// <summary>Wrong credentials; says no more on purpose.</summary>
    public const string NotAuthorized = "not-authorized";
    /// <summary>The server cannot tell now.</summary>
    public const string TemporaryAuthFailure = "temporary-auth-failure";
}
