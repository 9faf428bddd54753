using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// Takes part when a client binds its resource together with logging in (XEP-0386): turns on what the client asks for in the same breath, or tells it something that it would
/// ask for next. Contributed by plugins.
/// </summary>
public interface IBindFeature
{
    /// <summary>The namespace that the client asks by, listed among the server's inline features where the domain has it as a feature of service discovery as well; null where it
    /// need not be asked.</summary>
    string? Namespace { get; }

    /// <summary>
    /// A resource is bound, and the client hears of it when all features have answered; what is sent to the session meanwhile comes behind that. Must not wait for the client.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="request">What the client asks for in <see cref="Namespace"/>; null if it asks for nothing there.</param>
    /// <param name="ct">Ends with the connection, or when it took too long.</param>
    /// <returns>What the client is told; null for nothing.</returns>
    ValueTask<Element?> BoundAsync(ISession session, Element? request, CancellationToken ct);
}
