namespace Parley.Media.Relay.Conferences;

/// <summary>How much a relay takes on.</summary>
public sealed record RelayLimits
{
    /// <summary>Conferences on the whole relay.</summary>
    public int Conferences { get; init; } = 1_000;

    /// <summary>Endpoints in one conference.</summary>
    public int EndpointsPerConference { get; init; } = 100;

    /// <summary>Conferences in which pictures are composed or transcoded at once: each has a thread.</summary>
    public int PictureConferences { get; init; } = 50;

    /// <summary>Transports of one endpoint; XEP-0521 has one or two for each remote stream.</summary>
    public int TransportsPerEndpoint { get; init; } = 256;

    /// <summary>Tracks that one endpoint sends; a video track keeps 1.5 MB of packets.</summary>
    public int TracksPerEndpoint { get; init; } = 16;

    /// <summary>Slots in which one endpoint receives.</summary>
    public int ForwardersPerEndpoint { get; init; } = 256;
}
