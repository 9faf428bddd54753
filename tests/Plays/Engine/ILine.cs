using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>What carries a stream between an actor and the server. Saying and hearing may happen at once, each by one.</summary>
internal interface ILine : IAsyncDisposable
{
    /// <summary>Ends the stream in an orderly way, as far as that is this side's.</summary>
    Task SayGoodbyeAsync(CancellationToken ct);

    /// <summary>The header of a stream to a domain.</summary>
    string Header(string to);

    /// <summary>An element as it is written here.</summary>
    string Write(Element element);

    /// <summary>Says something as it stands.</summary>
    Task SayAsync(string text, CancellationToken ct);

    /// <summary>The next thing that the server says; <see cref="XmlStreamEventKind.NeedMore"/> where the connection is over.</summary>
    Task<XmlStreamEvent> HearAsync(CancellationToken ct);

    /// <summary>A new stream begins on it.</summary>
    void Restart();

    /// <summary>Goes on under TLS; nobody hears meanwhile.</summary>
    Task SecureAsync(CancellationToken ct);

    /// <summary>What the server showed under TLS; null without.</summary>
    X509Certificate? ServerCertificate { get; }
}
