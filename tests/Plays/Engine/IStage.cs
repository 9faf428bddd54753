using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Plays.Engine;

/// <summary>A server that a play runs on.</summary>
public interface IStage
{
    /// <summary>The served domain.</summary>
    string Domain { get; }

    /// <summary>Where the server listens.</summary>
    Doors Doors { get; }

    /// <summary>Opens a connection to a port.</summary>
    ValueTask<Stream> ConnectAsync(int port, CancellationToken ct);

    /// <summary>Adds an account.</summary>
    Task AddAccountAsync(Jid account, string password, CancellationToken ct);

    /// <summary>Lets two accounts see each other's presence.</summary>
    Task BefriendAsync(Jid one, Jid other, CancellationToken ct);
}

/// <summary>The ports of a stage.</summary>
/// <param name="C2S">Clients.</param>
/// <param name="C2STls">Clients, with TLS from the first byte (XEP-0368).</param>
/// <param name="S2S">Other servers.</param>
/// <param name="Component">External components (XEP-0114).</param>
/// <param name="Http">HTTP in the clear.</param>
/// <param name="Https">HTTP under TLS.</param>
public sealed record Doors(int C2S, int C2STls, int S2S, int Component, int Http, int Https)
{
    /// <summary>The settings that say so to a server.</summary>
    public string[] ToSettings() =>
    [
        "--Listeners:C2S:Port", $"{C2S}", "--Listeners:C2STls:Port", $"{C2STls}", "--Listeners:S2S:Port", $"{S2S}", "--Listeners:Component:Port", $"{Component}",
        "--Listeners:Http:Port", $"{Http}", "--Listeners:Https:Port", $"{Https}",
    ];
}
