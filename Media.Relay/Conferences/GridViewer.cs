using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Conferences;

/// <summary>Somebody who sees the composed picture, and in which size.</summary>
/// <param name="bitrates">What each size takes.</param>
internal sealed class GridViewer(IReadOnlyList<long> bitrates)
{
    private RenditionChooser? _chooser;
    private uint _reports;

    /// <summary>The size for a slot at this moment, by what its receiver reported since it was asked last.</summary>
    public int ChoiceAt(RelayForwarder slot, long nowMs)
    {
        _chooser ??= new(bitrates, nowMs);
        if (slot.Forwarder.Reports != _reports)
        {
            _reports = slot.Forwarder.Reports;
            _chooser.OnReport(slot.Forwarder.FractionLost, slot.Transport.Media.PeerEstimate, nowMs);
        }

        return _chooser.Choice;
    }
}
