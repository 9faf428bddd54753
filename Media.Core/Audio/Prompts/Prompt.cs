namespace Parley.Media.Core.Audio.Prompts;

/// <summary>Something that somebody who only listens is to hear once.</summary>
public abstract class Prompt
{
    /// <summary>Whether it is heard to the end, whatever else there is to tell.</summary>
    public virtual bool IsNotice => false;

    /// <summary>Adds its next part to a frame (<see cref="AudioFormat"/>).</summary>
    /// <returns>False once there is no more.</returns>
    public abstract bool Add(Span<float> frame);
}
