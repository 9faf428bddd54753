using System.Collections.Concurrent;
using System.Security.Cryptography;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Components;

/// <summary>What components are authenticated by (XEP-0225): SCRAM keys of their secrets, made when somebody asks.</summary>
internal sealed class ComponentKeys(XmppServerSettings settings)
{
    private readonly ConcurrentDictionary<(string Domain, string Hash), ScramCredentials> _keys = new();

    /// <summary>What components that do not exist look like.</summary>
    public ScramDecoys Decoys { get; } = new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The keys of a component; null if there is none of that domain, or its secret cannot be a password (RFC 4013).</summary>
    /// <param name="domain">The component's domain.</param>
    /// <param name="hash">The hash; null for the strongest.</param>
    public ScramCredentials? Find(string domain, ScramHash? hash)
    {
        if (settings.FindComponent(domain) is not { } component || !SaslPrep.TryPrepare(component.Secret, out _)) return null;
        // As decoys do: by the same hash where the client does not say one.
        return _keys.GetOrAdd((domain, (hash ?? ScramHash.Sha256).Name), static (key, secret) =>
        {
            var salt = RandomNumberGenerator.GetBytes(ScramKeyDerivation.SaltBytes);
            var (stored, server) = ScramKeyDerivation.Derive(key.Hash, secret, salt, ScramKeyDerivation.DefaultIterations);
            return new ScramCredentials(salt, ScramKeyDerivation.DefaultIterations, stored, server);
        }, component.Secret);
    }
}
