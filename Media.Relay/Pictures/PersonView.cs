namespace Parley.Media.Relay.Pictures;

/// <summary>Somebody as a composed picture shows them.</summary>
/// <param name="Name">The name shown.</param>
/// <param name="Source">Whose pictures are theirs; -1 while they send none.</param>
/// <param name="IsSlides">Whether these show a screen.</param>
/// <param name="IsSpeaking">Whether they speak, or spoke last.</param>
internal sealed record PersonView(string Name, int Source, bool IsSlides, bool IsSpeaking);
